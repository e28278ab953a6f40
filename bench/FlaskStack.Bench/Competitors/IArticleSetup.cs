namespace FlaskStack.Bench.Competitors;

/// <summary>One way to configure the article's stack.</summary>
internal interface IArticleSetup
{
    /// <inheritdoc cref="ICompetitor.Key"/>
    string Key { get; }

    /// <inheritdoc cref="ICompetitor.Title"/>
    string Title { get; }

    /// <inheritdoc cref="IWholeStack.ReloadTitle"/>
    string ReloadTitle { get; }

    /// <summary>What the start command begins with.</summary>
    IReadOnlyList<string> Prefix { get; }

    /// <summary>Whether supervisor starts nginx by itself.</summary>
    bool StartsNginx { get; }

    /// <summary>Options of gunicorn's program.</summary>
    string SupervisorOptions { get; }

    /// <summary>gunicorn's file.</summary>
    string GunicornFile(Ground ground);

    /// <summary>The section of nginx's program.</summary>
    string NginxProgram(string configuration);

    /// <summary>nginx's main context.</summary>
    string NginxMain(Ground ground);

    /// <summary>nginx's <c>events</c>.</summary>
    string NginxEvents(Ground ground);

    /// <summary>nginx's <c>http</c>.</summary>
    string NginxHttp(Ground ground);

    /// <summary>Serves new code.</summary>
    Task ReloadAsync(ArticleStack article, RunningStack stack, CancellationToken cancellationToken);
}
