using Aspire.Hosting.Publishing.Progress;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Cli.Primary;

public sealed class PublishConsoleTests
{
    [Fact]
    public async Task Prints_what_a_person_wants_to_know_and_lets_the_process_go()
    {
        var progress = new PublishProgress(TimeProvider.System);
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new PublishConsole(progress, output, error);
        await console.StartAsync(CancellationToken.None);
        await progress.WaitForReaderAsync(CancellationToken.None).InTime();

        var step = progress.BeginStep("Write");
        var task = progress.BeginTask(step, "manifest");
        progress.Log(step, LogLevel.Debug, "detail");
        progress.Log(step, LogLevel.Information, "note");
        progress.Log(step, LogLevel.Error, "trouble");
        progress.End(progress.Update(task, "manifest.json"), PublishState.Completed, "3 files");
        progress.End(step, PublishState.Completed);
        await progress.CompleteAsync(PublishState.CompletedWithError, "Half done.", [new PublishSummaryItem("Output", "/out")], CancellationToken.None).InTime();

        Assert.Equal("Write …\n  note\n  manifest.json: 3 files\nOutput: /out\n", output.ToString());
        Assert.Equal("  Write: trouble\nHalf done.\n", error.ToString());
    }
}
