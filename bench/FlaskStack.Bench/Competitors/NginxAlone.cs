namespace FlaskStack.Bench.Competitors;

/// <summary>nginx that answers by itself: what the machine gives at most.</summary>
internal sealed class NginxAlone : ICompetitor
{
    /// <summary>The address of a Unix socket or port, and the answer of the article's service.</summary>
    public static string AnsweringServer(string address) => $$"""
        server {
                listen {{address}};
                location / {
                    default_type text/html;
                    return 200 "Hello World!";
                }
            }
        """;

    /// <inheritdoc/>
    public string Key => "nginx";

    /// <inheritdoc/>
    public string Title => "nginx alone";

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string> { "nginx" };

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken) =>
        CompetitorStart.RunAsync(ground, async stack =>
        {
            BareNginx.Start(stack, AnsweringServer($"127.0.0.1:{ground.Port}"));
            await stack.WaitUntilServingAsync(cancellationToken);
        });
}
