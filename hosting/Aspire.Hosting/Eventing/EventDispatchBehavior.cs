namespace Aspire.Hosting.Eventing;

/// <summary>In which order subscribers are called, and whether the publisher waits for them.</summary>
public enum EventDispatchBehavior
{
    /// <summary>One after another; the publisher waits, and the first failure ends the round. The default.</summary>
    BlockingSequential = 0,

    /// <summary>All at once; the publisher waits for all, and fails if any does.</summary>
    BlockingConcurrent = 1,

    /// <summary>One after another; the publisher goes on.</summary>
    NonBlockingSequential = 2,

    /// <summary>All at once; the publisher goes on.</summary>
    NonBlockingConcurrent = 3,
}
