using System.IO.Pipes;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

public sealed class ConsoleReaderTests
{
    [Fact]
    public async Task Goes_on_when_the_sink_fails_and_warns_once()
    {
        var logger = new RecordingLogger<ConsoleReader>();
        var sink = new FailingSink();

        await new ConsoleReader("api", sink, TimeProvider.System, logger)
            .ReadAsync(new MemoryStream("a\nb\nc\n"u8.ToArray()), isError: false, CancellationToken.None).InTime();

        Assert.Equal(3, sink.Calls);
        Assert.Contains("api", Assert.Single(logger.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_a_flood_without_losing_a_line()
    {
        await using var pad = new Launchpad();

        await pad.Start("seq 1 200000").OutputEnd.InTime();

        Assert.Equal(200_000, pad.Sink.Lines.Count);
        Assert.Equal("200000", pad.Sink.Lines[^1].Text);
    }

    [Fact]
    public async Task Takes_what_waits_in_a_pipe_that_somebody_keeps_open()
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        using var writer = new AnonymousPipeClientStream(PipeDirection.Out, pipe.ClientSafePipeHandle);
        writer.Write("said in time\n"u8);
        var sink = new RecordingSink();

        await new ConsoleReader("api", sink, TimeProvider.System, new RecordingLogger<ConsoleReader>())
            .ReadAsync(pipe, isError: false, new CancellationToken(canceled: true)).InTime();

        Assert.Equal(["said in time"], sink.Texts);
    }

    private sealed class FailingSink : IConsoleSink
    {
        public int Calls { get; private set; }

        public void Write(DateTime utc, string line, bool isError)
        {
            Calls++;
            throw new InvalidOperationException("no");
        }
    }
}
