namespace Aspire.Hosting.Eventing;

/// <summary>A subscriber of events.</summary>
/// <param name="callback">What is called.</param>
public class DistributedApplicationEventSubscription(Func<IDistributedApplicationEvent, CancellationToken, Task> callback)
{
    /// <summary>Gets what is called.</summary>
    public Func<IDistributedApplicationEvent, CancellationToken, Task> Callback { get; } = callback;
}
