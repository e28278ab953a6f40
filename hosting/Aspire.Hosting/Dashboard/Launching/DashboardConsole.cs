using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.Launching;

/// <summary>
/// Takes what one run of the dashboard prints: into the console of its resource, and into the AppHost's log. What it logs before it
/// serves is held back: should it end, one line says why in place of many.
/// </summary>
internal sealed partial class DashboardConsole(DashboardSecrets secrets, ResourceLoggerService consoles, ILoggerFactory loggers) : IConsoleSink
{
    private const int MostHeld = 100;
    private const string ErrorMark = "Error: ";

    private readonly Lock _lock = new();
    private readonly List<DashboardLogLine> _held = [];
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isServing;
    private bool _isSilent;
    private string? _ownError;
    private string? _printedError;
    private string? _otherError;

    /// <summary>Completes when the dashboard says that it listens.</summary>
    public Task Listening => _listening.Task;

    /// <summary>
    /// What it complained of since it serves, or before: its own words, else the first line of its error output, else what a library
    /// logged, which is often no more than that something failed. Null when there was nothing.
    /// </summary>
    public string? Complaint
    {
        get
        {
            lock (_lock)
            {
                return _ownError ?? _printedError ?? _otherError;
            }
        }
    }

    /// <summary>Logs what was held back, and from now on everything at once.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _isServing = true;
            (_ownError, _printedError, _otherError) = (null, null, null);
            _held.ForEach(Log);
            _held.Clear();
        }
    }

    /// <summary>Logs nothing more: what the dashboard says of the end of everything around it is no news.</summary>
    public void Silence()
    {
        lock (_lock)
        {
            _isSilent = true;
        }
    }

    public void Write(DateTime utc, string line, bool isError)
    {
        var text = secrets.Redact(line);
        if (DashboardLogLine.Parse(text) is { } logged)
        {
            consoles.Append(DashboardResource.ResourceName, utc, $"{logged.Level}: {logged.Category}: {logged.Message}", logged.Level >= LogLevel.Error);
            Take(logged);
            return;
        }

        consoles.Append(DashboardResource.ResourceName, utc, text, isError);
        if (isError && !string.IsNullOrWhiteSpace(text))
        {
            lock (_lock)
            {
                _printedError ??= text.StartsWith(ErrorMark, StringComparison.Ordinal) ? text[ErrorMark.Length..].Trim() : text.Trim();
            }
        }
    }

    private void Take(DashboardLogLine line)
    {
        lock (_lock)
        {
            if (line.Level >= LogLevel.Error)
            {
                (_ownError, _otherError) = line.IsOwn ? (line.Message, _otherError) : (_ownError, line.Message);
            }

            if (_isSilent)
            {
                return;
            }

            if (_isServing)
            {
                Log(line);
            }
            else if (line.Level >= LogLevel.Warning && _held.Count < MostHeld)
            {
                _held.Add(line);
            }
        }

        if (line.SaysListening)
        {
            _listening.TrySetResult();
        }
    }

    private void Log(DashboardLogLine line)
    {
        var logger = loggers.CreateLogger(line.AppHostCategory);
        if (logger.IsEnabled(line.Level))
        {
            Logged.Line(logger, line.Level, line.Text);
        }
    }

    private static partial class Logged
    {
        [LoggerMessage(EventId = 0, Message = "{Text}")]
        public static partial void Line(ILogger logger, LogLevel level, string text);
    }
}
