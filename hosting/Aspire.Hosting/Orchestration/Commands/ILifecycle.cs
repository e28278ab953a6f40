namespace Aspire.Hosting.Orchestration.Commands;

/// <summary>Starts and stops one instance of a resource, named by its row.</summary>
internal interface ILifecycle
{
    /// <summary>Starts an instance that is not running; one that waits for its dependencies stops waiting.</summary>
    Task StartAsync(string instance, CancellationToken cancellationToken);

    /// <summary>Stops an instance gracefully, and by force when its grace is over.</summary>
    Task StopAsync(string instance, CancellationToken cancellationToken);

    /// <summary>Stops an instance and starts it again at the same address.</summary>
    Task RestartAsync(string instance, CancellationToken cancellationToken);
}
