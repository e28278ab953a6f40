using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Threading.Channels;

namespace FlaskStack.Tests.Graph;

/// <summary>The AppHost as a user runs it: its built executable in a process of its own.</summary>
internal sealed class AppHostProcess : IDisposable
{
    private const int LinesInFailure = 40;

    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<string> _errors = [];
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AppHostProcess(Process process) => _process = process;

    /// <summary>Where the build put it, and not the copy beside the tests: this is the one that a user runs.</summary>
    public static string Executable
    {
        get
        {
            var configuration = typeof(AppHostProcess).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
            return Path.Combine(Projects.FlaskStack_AppHost.ProjectPath, "bin", configuration, "net10.0", "FlaskStack.AppHost");
        }
    }

    public int Id => _process.Id;

    public IEnumerable<string> Errors => _errors;

    /// <summary>What it wrote to standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _lines;

    /// <summary>Starts it without the dashboard, unless the arguments say otherwise.</summary>
    public static AppHostProcess Start(params string[] args) => Start(new Dictionary<string, string?>(), args);

    /// <summary>The same with variables of its own.</summary>
    public static AppHostProcess Start(IReadOnlyDictionary<string, string?> environment, params string[] args)
    {
        // A test run in the background of a shell ignores these signals, and so would everything that it starts.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", Executable, "--Dashboard:Enabled=false", .. args])
        {
            WorkingDirectory = Projects.FlaskStack_AppHost.ProjectPath,
            Environment = { ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true", ["DOTNET_ENVIRONMENT"] = "Development" },
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Start(start);
    }

    /// <summary>Starts another AppHost.</summary>
    public static AppHostProcess Start(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var appHost = new AppHostProcess(new Process { StartInfo = start });
        appHost._process.OutputDataReceived += (_, line) => appHost.TakeOutput(line.Data);
        appHost._process.ErrorDataReceived += (_, line) => appHost.TakeError(line.Data);
        appHost._process.Start();
        appHost._process.BeginOutputReadLine();
        appHost._process.BeginErrorReadLine();
        return appHost;
    }

    /// <summary>Waits for a line on standard output.</summary>
    public async Task WaitForOutputAsync(string text)
    {
        using var deadline = new CancellationTokenSource(RunningGraph.Deadline);
        await foreach (var line in _output.Reader.ReadAllAsync(deadline.Token))
        {
            if (line.Contains(text, StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail($"The AppHost ended without writing '{text}'. It wrote to standard error: {string.Join('\n', _errors)}");
    }

    /// <summary>Waits for the exit and for the last line of output: both streams end when no child holds them any more.</summary>
    public async Task<int> WaitForExitAsync()
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(RunningGraph.Deadline);
            await Task.WhenAll(_outputEnded.Task, _errorsEnded.Task).WaitAsync(RunningGraph.Deadline);
        }
        catch (TimeoutException)
        {
            var what = _process.HasExited ? "has ended, and something that it started holds its output" : "does not end";
            var lines = string.Join('\n', _lines.Concat(_errors).TakeLast(LinesInFailure));
            throw new TimeoutException($"The AppHost {what}. Its last lines:\n{lines}");
        }

        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private void TakeOutput(string? line)
    {
        if (line is null)
        {
            _output.Writer.TryComplete();
            _outputEnded.TrySetResult();
        }
        else
        {
            _lines.Enqueue(line);
            _output.Writer.TryWrite(line);
        }
    }

    private void TakeError(string? line)
    {
        if (line is null)
        {
            _errorsEnded.TrySetResult();
        }
        else
        {
            _errors.Enqueue(line);
        }
    }
}
