namespace Aspire.Hosting.Supervisor.Machine;

/// <summary>What an event leads to.</summary>
/// <param name="State">The state after it.</param>
/// <param name="Action">What is to be done, if anything.</param>
internal sealed record Transition(InstanceState State, InstanceAction? Action = null);
