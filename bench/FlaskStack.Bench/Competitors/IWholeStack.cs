namespace FlaskStack.Bench.Competitors;

/// <summary>A competitor with a service, a supervisor and a proxy.</summary>
internal interface IWholeStack : ICompetitor
{
    /// <summary>How it is told to reload, for the report.</summary>
    string ReloadTitle { get; }

    /// <summary>A path whose answer waits first.</summary>
    string WaitPath(int milliseconds);

    /// <summary>A path that answers with the number of the process that serves it.</summary>
    string ProcessPath { get; }

    /// <summary>The processes that run the service's code.</summary>
    IReadOnlySet<int> Workers();

    /// <summary>Tells it to serve new code without losing a request, as well as it can.</summary>
    Task ReloadAsync(RunningStack stack, CancellationToken cancellationToken);
}
