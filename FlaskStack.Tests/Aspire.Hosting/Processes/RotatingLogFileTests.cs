using System.Runtime.Versioning;
using Aspire.Hosting.Orchestration.Processes;

namespace FlaskStack.Tests.Hosting.Processes;

[SupportedOSPlatform("linux")]
public sealed class RotatingLogFileTests : IDisposable
{
    private static readonly DateTime Noon = new(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc);

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLogger<RotatingLogFile> _logger = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Appends_lines_with_their_time()
    {
        await WriteAsync(new RotatingLogOptions(), "one");
        await WriteAsync(new RotatingLogOptions(), "zwei €");

        Assert.Equal("2030-01-01T12:00:00.000Z one\n2030-01-01T12:00:00.000Z zwei €\n", await File.ReadAllTextAsync(Log));
    }

    [Fact]
    public async Task Is_readable_by_the_user_alone()
    {
        await WriteAsync(new RotatingLogOptions(), "secret");

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Log));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(Log)!));
    }

    [Fact]
    public async Task Keeps_as_many_files_as_told()
    {
        for (var run = 0; run < 8; run++)
        {
            await WriteAsync(new RotatingLogOptions { MaximumBytes = 20, MaximumFiles = 3 }, $"run {run}");
        }

        Assert.Equal(["api.log", "api.log.1", "api.log.2"], Directory.GetFiles(_folder["logs"]).Select(Path.GetFileName).Order());
        Assert.EndsWith("run 7\n", await File.ReadAllTextAsync(Log), StringComparison.Ordinal);
        Assert.EndsWith("run 5\n", await File.ReadAllTextAsync(Log + ".2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotates_while_writing()
    {
        var lines = Enumerable.Range(0, 20_000).Select(index => $"line {index} {new string('x', 80)}").ToArray();

        await WriteAsync(new RotatingLogOptions { MaximumBytes = 200_000, MaximumFiles = 100 }, lines);

        var files = Directory.GetFiles(_folder["logs"]);
        Assert.True(files.Length > 5);
        Assert.All(files, file => Assert.InRange(new FileInfo(file).Length, 1, 300_000));
        Assert.Equal(lines.Length, files.Sum(file => File.ReadLines(file).Count()));
    }

    [Fact]
    public async Task Counts_the_lines_that_did_not_fit()
    {
        await WriteAsync(new RotatingLogOptions { MaximumQueuedBytes = 80 }, new string('x', 11), new string('y', 11), "kept");

        Assert.Equal(["[2 lines were not written]", "kept"], (await File.ReadAllLinesAsync(Log)).Select(line => line[25..]));
    }

    [Fact]
    public async Task Counts_the_last_lines_that_did_not_fit_when_it_closes()
    {
        await WriteAsync(new RotatingLogOptions { MaximumQueuedBytes = 80 }, new string('x', 11), new string('y', 11));

        Assert.EndsWith(" [2 lines were not written]\n", await File.ReadAllTextAsync(Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warns_once_and_tries_again_after_a_pause()
    {
        Directory.CreateDirectory(Log);
        await using var file = new RotatingLogFile(Log, new RotatingLogOptions(), _time, _logger);

        file.Write(Noon, "lost", isError: false);
        var warning = await _logger.NextAsync();
        Directory.Delete(Log);
        _time.Advance(TimeSpan.FromMinutes(1));
        file.Write(Noon, "found", isError: false);
        await file.DisposeAsync();

        Assert.Contains(Log, warning, StringComparison.Ordinal);
        Assert.Equal(["[1 lines were not written]", "found"], (await File.ReadAllLinesAsync(Log)).Select(line => line[25..]));
        Assert.Single(_logger.Warnings);
    }

    [Fact]
    public async Task Survives_a_full_disk()
    {
        await using var file = new RotatingLogFile("/dev/full", new RotatingLogOptions(), _time, _logger);

        for (var line = 0; line < 1000; line++)
        {
            file.Write(Noon, "text", isError: false);
        }

        await file.DisposeAsync();
        Assert.Contains("/dev/full", Assert.Single(_logger.Warnings), StringComparison.Ordinal);
    }

    private string Log => _folder["logs/api.log"];

    private async Task WriteAsync(RotatingLogOptions options, params string[] lines)
    {
        await using var file = new RotatingLogFile(Log, options, _time, _logger);
        foreach (var line in lines)
        {
            file.Write(Noon, line, isError: false);
        }
    }
}
