using System.Globalization;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>Says in the dashboard that a process is given up, and offers to start it, until somebody starts it.</summary>
/// <param name="interactions">Shows notifications.</param>
/// <param name="stopping">Ends everything.</param>
internal sealed class GivenUpNotice(IInteractionService interactions, CancellationToken stopping)
{
    private CancellationTokenSource? _shown;

    /// <summary>Shows it. Returns when it is no longer shown.</summary>
    /// <returns>Whether somebody wants the process to be started.</returns>
    public async Task<bool> ShowAsync(string name, InstanceState state)
    {
        if (!interactions.IsAvailable)
        {
            return false;
        }

        var shown = new CancellationTokenSource();
        Interlocked.Exchange(ref _shown, shown);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(shown.Token, stopping);
        try
        {
            var failures = string.Create(CultureInfo.InvariantCulture, $"Failed starts: {state.Failures.Length}, the last because {state.Reason!.Text}.");
            var answer = await interactions.PromptNotificationAsync(
                $"{name} is given up",
                $"{failures} Its console says more. Fix the cause, then start it.",
                new NotificationInteractionOptions { Intent = MessageIntent.Error, PrimaryButtonText = "Start" },
                over.Token).ConfigureAwait(false);
            return answer is { Canceled: false, Data: true };
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Takes it away, where it is shown.</summary>
    public void TakeAway() => Interlocked.Exchange(ref _shown, null)?.Cancel();
}
