using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing.Progress;

/// <summary>
/// What a publish tells while it works, for one reader: the CLI that asked for it, or the console. The pipeline waits for the reader
/// (<see cref="WaitForReaderAsync"/>), works, and ends with <see cref="CompleteAsync"/>, which returns when the reader has no more use
/// for this process.
/// </summary>
/// <remarks>Nothing is ever held up by a slow reader: a publish is finite, and so is what it tells.</remarks>
internal sealed class PublishProgress(TimeProvider time)
{
    private readonly Channel<PublishActivity> _activities = Channel.CreateUnbounded<PublishActivity>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _lastId;

    /// <summary>Waits until somebody reads: what begins before is told late.</summary>
    public Task WaitForReaderAsync(CancellationToken cancellationToken) => _read.Task.WaitAsync(cancellationToken);

    /// <summary>Says that a step begins.</summary>
    /// <param name="text">What it does.</param>
    /// <param name="parent">The step it is a part of.</param>
    public PublishStep BeginStep(string text, PublishStep? parent = null) =>
        Tell(new PublishStep(NextId(), text, PublishState.InProgress, parent?.Id, parent is null ? 0 : parent.Level + 1));

    /// <summary>Says that a step has ended.</summary>
    /// <param name="step">The step.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="text">What came of it; null to leave the text as it is.</param>
    public PublishStep End(PublishStep step, PublishState state, string? text = null) => Tell(step with { State = state, Text = text ?? step.Text });

    /// <summary>Says that a task of a step begins.</summary>
    /// <param name="step">The step it belongs to.</param>
    /// <param name="text">What it does.</param>
    public PublishTask BeginTask(PublishStep step, string text) => Tell(new PublishTask(NextId(), step.Id, text, PublishState.InProgress, Message: null));

    /// <summary>Changes the text of a task that goes on.</summary>
    public PublishTask Update(PublishTask task, string text) => Tell(task with { Text = text });

    /// <summary>Says that a task has ended.</summary>
    /// <param name="task">The task.</param>
    /// <param name="state">How it ended.</param>
    /// <param name="message">What came of it.</param>
    public PublishTask End(PublishTask task, PublishState state, string? message = null) => Tell(task with { State = state, Message = message });

    /// <summary>Tells a line of a step that goes on.</summary>
    public void Log(PublishStep step, LogLevel level, string text) => Tell(new PublishLog(NextId(), step.Id, text, level, time.GetUtcNow()));

    /// <summary>Says how the whole went, and waits until the reader has no more use for this process. Nothing can be told afterwards.</summary>
    /// <param name="state">How it went.</param>
    /// <param name="text">What a person reads.</param>
    /// <param name="summary">What is worth knowing of the result.</param>
    /// <param name="cancellationToken">Stops waiting for the reader.</param>
    public Task CompleteAsync(PublishState state, string text, IReadOnlyList<PublishSummaryItem> summary, CancellationToken cancellationToken)
    {
        Tell(new PublishResult(text, state, summary));
        _activities.Writer.TryComplete();
        return _released.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Reads all that is told, from the first on; ends after the <see cref="PublishResult"/>.</summary>
    public IAsyncEnumerable<PublishActivity> ReadAllAsync(CancellationToken cancellationToken)
    {
        _read.TrySetResult();
        return _activities.Reader.ReadAllAsync(cancellationToken);
    }

    /// <summary>Says that the reader has no more use for this process.</summary>
    public void Release() => _released.TrySetResult();

    private string NextId() => Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture);

    private T Tell<T>(T activity)
        where T : PublishActivity
    {
        _activities.Writer.TryWrite(activity);
        return activity;
    }
}
