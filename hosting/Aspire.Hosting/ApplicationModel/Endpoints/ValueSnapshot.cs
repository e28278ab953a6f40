using System.Diagnostics;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that is not known yet, can be awaited, and can be replaced once known.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("IsValueSet = {IsValueSet}")]
public sealed class ValueSnapshot<T>
    where T : notnull
{
    private readonly TaskCompletionSource<T> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Task<T>? _latest;

    /// <summary>True once a value or an exception has been set.</summary>
    public bool IsValueSet => _first.Task.IsCompleted;

    /// <summary>Waits for the first value; afterwards gives the latest one.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public Task<T> GetValueAsync(CancellationToken cancellationToken = default) =>
        _latest ?? _first.Task.WaitAsync(cancellationToken);

    /// <summary>Sets or replaces the value.</summary>
    /// <param name="value">The value.</param>
    public void SetValue(T value)
    {
        _latest = Task.FromResult(value);
        _first.TrySetResult(value);
    }

    /// <summary>Says that there is no value: whoever waits, now or later, gets <paramref name="exception"/>.</summary>
    /// <param name="exception">Why there is none.</param>
    public void SetException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);

        var failure = Task.FromException<T>(exception);
        _latest = failure;
        _first.TrySetException(exception);

        // Nobody may ever wait; an exception that was only recorded must not surface as an unobserved one.
        _ = failure.Exception;
        _ = _first.Task.Exception;
    }
}
