using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing.EntryPoints;

/// <summary>
/// Listens to the diagnostic listener <c>Aspire.Hosting</c> and passes on the events of one flow of execution: tests
/// run in parallel, and the listener is shared by all of them.
/// </summary>
internal sealed class BuilderEventObserver(IBuilderEvents events)
    : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string ListenerName = "Aspire.Hosting";

    private static readonly AsyncLocal<BuilderEventObserver?> Current = new();

    private readonly ConcurrentBag<IDisposable> _subscriptions = [];

    /// <summary>Begins to listen. Only what follows in the caller's flow of execution is passed on.</summary>
    public void Listen()
    {
        Current.Value = this;
        _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        if (Current.Value == this)
        {
            Current.Value = null;
        }

        while (_subscriptions.TryTake(out var subscription))
        {
            subscription.Dispose();
        }
    }

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == ListenerName)
        {
            _subscriptions.Add(value.Subscribe(this));
        }
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (Current.Value != this)
        {
            return;
        }

        switch (value.Key, value.Value)
        {
            case ("DistributedApplicationBuilderConstructing", (DistributedApplicationOptions options, HostApplicationBuilderSettings settings)):
                events.OnConstructing(options, settings);
                break;
            case ("DistributedApplicationBuilderConstructed", DistributedApplicationBuilder builder):
                events.OnConstructed(builder);
                break;
            case ("DistributedApplicationBuilding", DistributedApplicationBuilder builder):
                events.OnBuilding(builder);
                break;
            case ("DistributedApplicationBuilt", DistributedApplication application):
                events.OnBuilt(application);
                break;
        }
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }
}
