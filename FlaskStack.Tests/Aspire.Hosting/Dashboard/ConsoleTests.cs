using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Launching;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.Dashboard;

public sealed class ConsoleTests : IDisposable
{
    private readonly RecordingLoggerProvider _log = new();
    private readonly ILoggerFactory _loggers;
    private readonly ResourceLoggerService _consoles = new();
    private readonly DashboardConsole _console;

    public ConsoleTests()
    {
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));
        _console = new DashboardConsole(Samples.Settings.Secrets, _consoles, _loggers);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _log.Dispose();
        _consoles.Dispose();
    }

    [Fact]
    public void Logs_each_line_again_with_its_level_under_a_name_of_the_AppHost()
    {
        _console.Release();

        Write("Warning", "Aspire.Dashboard.Otlp.Storage", "full");
        Write("Error", "Microsoft.AspNetCore.Server.Kestrel", "broken", "System.Exception: why");

        Assert.Equal(
            [
                new(LogLevel.Warning, "Aspire.Hosting.Dashboard.Otlp.Storage", "full"),
                new(LogLevel.Error, "Aspire.Hosting.Dashboard.ThirdParty.Microsoft.AspNetCore.Server.Kestrel", "broken\nSystem.Exception: why"),
            ],
            _log.Lines);
    }

    [Fact]
    public void Holds_warnings_back_until_the_dashboard_serves()
    {
        Write("Information", "Aspire.Dashboard.X", "starts");
        Write("Warning", "Aspire.Dashboard.X", "odd");
        Assert.Empty(_log.Lines);

        _console.Release();

        Assert.Equal("odd", Assert.Single(_log.Lines).Text);
        Assert.Null(_console.Complaint);
    }

    [Fact]
    public void Keeps_as_the_complaint_what_the_dashboard_itself_says()
    {
        Write("Error", "Aspire.Dashboard.DashboardWebApplication", "Specify a mode.");
        Write("Critical", "Microsoft.Extensions.Hosting", "Host terminated.");
        _console.Write(DateTime.UtcNow, "Error: trace", isError: true);

        Assert.Equal("Specify a mode.", _console.Complaint);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Keeps_the_first_line_of_a_crash_as_the_complaint()
    {
        _console.Write(DateTime.UtcNow, "Unhandled exception. System.Exception: no", isError: true);
        _console.Write(DateTime.UtcNow, "   at X()", isError: true);

        Assert.Equal("Unhandled exception. System.Exception: no", _console.Complaint);
    }

    [Fact]
    public void Prefers_what_was_printed_to_what_a_library_logged()
    {
        Write("Error", "Microsoft.Extensions.Hosting.Internal.Host", "Hosting failed to start");
        Assert.Equal("Hosting failed to start", _console.Complaint);

        _console.Write(DateTime.UtcNow, "Error: No certificate.", isError: true);

        Assert.Equal("No certificate.", _console.Complaint);
    }

    [Fact]
    public void Knows_when_the_dashboard_listens()
    {
        Write("Information", "Microsoft.Hosting.Lifetime", "Now listening on: http://localhost:1");
        Assert.False(_console.Listening.IsCompleted);

        Write("Information", "Aspire.Dashboard.DashboardWebApplication", "Now listening on: http://localhost:1");

        Assert.True(_console.Listening.IsCompleted);
    }

    [Fact]
    public void Logs_nothing_of_the_end_of_the_application()
    {
        _console.Release();
        _console.Silence();

        Write("Error", "Aspire.Dashboard.X", "connection lost");

        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Shows_no_key_anywhere()
    {
        _console.Release();

        Write("Information", "Aspire.Dashboard.X", "Login to the dashboard at http://localhost:1/login?t=browser-token");
        _console.Write(DateTime.UtcNow, "otlp-key", isError: false);

        Assert.DoesNotContain("browser-token", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        await foreach (var batch in _consoles.GetAllAsync("aspire-dashboard"))
        {
            Assert.All(batch, line => Assert.DoesNotContain("-token", line.Content, StringComparison.Ordinal));
            Assert.All(batch, line => Assert.DoesNotContain("-key", line.Content, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{\"LogLevel\":\"Loud\",\"Category\":\"c\",\"Message\":\"m\"}")]
    [InlineData("{\"LogLevel\":\"Error\",\"Category\":1,\"Message\":\"m\"}")]
    [InlineData("[1]")]
    public void Takes_nothing_else_for_a_line_of_the_log(string line) => Assert.Null(DashboardLogLine.Parse(line));

    private void Write(string level, string category, string message, string? exception = null) => _console.Write(
        DateTime.UtcNow,
        System.Text.Json.JsonSerializer.Serialize(new { EventId = 0, LogLevel = level, Category = category, Message = message, Exception = exception, State = new { } }),
        isError: false);
}
