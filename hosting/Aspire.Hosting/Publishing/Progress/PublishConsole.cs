using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing.Progress;

/// <summary>Prints what a publish tells, for a person who runs the AppHost without the CLI. Errors go to standard error.</summary>
internal sealed class PublishConsole(PublishProgress progress, TextWriter output, TextWriter error) : BackgroundService
{
    private readonly Dictionary<string, string> _steps = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var activity in progress.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                await PrintAsync(activity).ConfigureAwait(false);
            }
        }
        finally
        {
            progress.Release();
        }
    }

    private Task PrintAsync(PublishActivity activity) => activity switch
    {
        PublishStep { State: PublishState.InProgress } step => PrintBeginAsync(step),
        PublishStep { State: PublishState.Completed } step when step.Text == _steps[step.Id] => Task.CompletedTask,
        PublishStep step => PrintAsync(step.State, step.Text),
        PublishTask { State: PublishState.InProgress } => Task.CompletedTask,
        PublishTask task => PrintAsync(task.State, $"  {WithMessage(task)}"),
        PublishLog { Level: >= LogLevel.Error } log => error.WriteLineAsync($"  {_steps[log.StepId]}: {log.Text}"),
        PublishLog { Level: >= LogLevel.Information } log => output.WriteLineAsync($"  {log.Text}"),
        PublishResult result => PrintResultAsync(result),
        _ => Task.CompletedTask,
    };

    private Task PrintBeginAsync(PublishStep step)
    {
        _steps[step.Id] = step.Text;
        return output.WriteLineAsync($"{step.Text} …");
    }

    private async Task PrintResultAsync(PublishResult result)
    {
        foreach (var item in result.Summary)
        {
            await output.WriteLineAsync($"{item.Key}: {item.Value}").ConfigureAwait(false);
        }

        await PrintAsync(result.State, result.Text).ConfigureAwait(false);
    }

    private Task PrintAsync(PublishState state, string text) => (state == PublishState.CompletedWithError ? error : output).WriteLineAsync(text);

    private static string WithMessage(PublishTask task) => string.IsNullOrEmpty(task.Message) ? task.Text : $"{task.Text}: {task.Message}";
}
