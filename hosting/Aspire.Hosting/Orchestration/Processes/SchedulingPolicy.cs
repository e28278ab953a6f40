namespace Aspire.Hosting.Orchestration.Processes;

/// <summary>How Linux shares the processors among what is started; the numbers are those of sched(7).</summary>
internal enum SchedulingPolicy
{
    /// <summary>SCHED_OTHER: a thread that has something to do again takes the processor from another that is at work.</summary>
    Other = 0,

    /// <summary>SCHED_BATCH: it gets the same share of the processor, but lets the other finish its turn first.</summary>
    Batch = 3,
}
