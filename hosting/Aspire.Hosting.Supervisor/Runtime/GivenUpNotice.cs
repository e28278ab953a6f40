using System.Globalization;
using Aspire.Hosting.Supervisor.Machine;

namespace Aspire.Hosting.Supervisor.Runtime;

/// <summary>The notification in the dashboard that a process is given up, with a button that starts it.</summary>
/// <param name="interactions">Shows notifications.</param>
/// <param name="stopping">Cancelled when the application stops.</param>
internal sealed class GivenUpNotice(IInteractionService interactions, CancellationToken stopping)
{
    private CancellationTokenSource? _shown;

    /// <summary>Shows the notification, and returns when it is closed.</summary>
    /// <returns>Whether the button was pressed.</returns>
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
            var count = state.Failures.Length.ToString(CultureInfo.InvariantCulture);
            var answer = await interactions.PromptNotificationAsync(
                $"{name} is given up",
                $"Failed starts: {count}, the last because {state.Reason!.Text}. Its console says more. Fix the cause, then start it.",
                new NotificationInteractionOptions { Intent = MessageIntent.Error, PrimaryButtonText = "Start" },
                over.Token).ConfigureAwait(false);
            return answer is { Canceled: false, Data: true };
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Closes the notification if it is shown.</summary>
    public void Hide() => Interlocked.Exchange(ref _shown, null)?.Cancel();
}
