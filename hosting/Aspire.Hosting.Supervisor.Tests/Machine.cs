using Aspire.Hosting.Supervisor.Configuration;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Tests;

/// <summary>A machine with a clock of its own, fed event by event.</summary>
internal sealed class Machine(SupervisorOptions options, double chance = 0, bool hasHealthCheck = true)
{
    private static readonly DateTimeOffset Midnight = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly InstanceMachine _machine = new(options, () => chance, hasHealthCheck);

    public DateTimeOffset Now { get; private set; } = Midnight;

    public InstanceState State { get; private set; } = new();

    public InstancePhase Phase => State.Phase;

    public Machine After(double seconds)
    {
        Now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    /// <summary>A start by somebody, up to a healthy process.</summary>
    public Machine Started(bool healthy = true)
    {
        Apply(new InstanceEvent.Starting(Now));
        Runs(healthy);
        return this;
    }

    public InstanceAction? Runs(bool healthy = true) => Apply(new InstanceEvent.Running(Now, Now, healthy, healthy));

    public InstanceAction? Health(bool healthy, bool alive = false) =>
        Apply(new InstanceEvent.Running(Now, State.StartedAt!.Value, healthy, healthy || alive));

    public InstanceAction? Exits(int? code, double ran) =>
        Apply(new InstanceEvent.Ended(Now, EndCause.Exit, code, TimeSpan.FromSeconds(ran)));

    public InstanceAction? Ends(EndCause cause, int? code = null) =>
        Apply(new InstanceEvent.Ended(Now, cause, code, TimeSpan.FromSeconds(10)));

    public InstanceAction? Checks(long? bytes = null, long? requests = null, bool debugged = false) =>
        Apply(new InstanceEvent.Checked(Now, bytes, requests, debugged));

    /// <summary>The next try comes when it is due, and the host starts the process.</summary>
    public InstanceAction? Retries()
    {
        Now = State.NextTry!.Value;
        return Apply(new InstanceEvent.RetryDue(Now));
    }

    public InstanceAction? Apply(InstanceEvent change)
    {
        var transition = _machine.Apply(State, change);
        State = transition.State;
        return transition.Action;
    }
}
