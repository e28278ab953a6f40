namespace Aspire.Hosting.Orchestration.Commands;

/// <summary>Runs as a number of replicas that can change.</summary>
internal interface IScalable
{
    /// <summary>The most replicas there may be.</summary>
    int MaximumReplicas { get; }

    /// <summary>Starts one more replica, or stops the last.</summary>
    /// <param name="change">One or minus one.</param>
    /// <param name="cancellationToken">Asks it to give up.</param>
    /// <returns>How many there are now, as a sentence without its full stop.</returns>
    /// <exception cref="DistributedApplicationException">There may be no more or no fewer, or the new one did not start.</exception>
    Task<string> ScaleAsync(int change, CancellationToken cancellationToken);
}
