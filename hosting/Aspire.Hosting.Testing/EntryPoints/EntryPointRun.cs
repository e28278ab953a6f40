using System.Globalization;
using System.Reflection;

namespace Aspire.Hosting.Testing.EntryPoints;

/// <summary>One run of an AppHost's entry point, on a thread of its own.</summary>
internal sealed class EntryPointRun(MethodInfo entryPoint, string[] args, IBuilderEvents events)
{
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ErrorOutputCapture _errorOutput = new();

    /// <summary>Gets a task that completes when the entry point ends, with what it threw or <see langword="null"/>.</summary>
    public Task<Exception?> Ended => _ended.Task;

    /// <summary>Gets the exit code the entry point returned; 0 when it returns none or has not ended.</summary>
    public int ExitCode { get; private set; }

    private string AssemblyName => entryPoint.DeclaringType?.Assembly.GetName().Name ?? entryPoint.Name;

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        var thread = new Thread(Run)
        {
            // An entry point that never ends must not keep the test process alive.
            IsBackground = true,
            Name = $"{AssemblyName} entry point",
        };
        thread.Start();
    }

    /// <summary>Says that the entry point ended too early, with its exit code and what it wrote to standard error.</summary>
    /// <param name="missing">What it did not do, such as "building an application".</param>
    /// <returns>The exception for the test.</returns>
    public InvalidOperationException EndedWithout(string missing)
    {
        var exit = ExitCode == 0 ? "ended" : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {ExitCode}");
        var written = _errorOutput.Text.Trim();
        var reason = written.Length == 0 ? string.Empty : $" It wrote to standard error: {written}";
        return new InvalidOperationException($"The entry point of {AssemblyName} {exit} without {missing}.{reason}");
    }

    private void Run()
    {
        Exception? failure = null;
        using var observer = new BuilderEventObserver(events);
        try
        {
            _errorOutput.Begin();
            observer.Listen();
            object?[] parameters = entryPoint.GetParameters().Length == 0 ? [] : [args];
            ExitCode = entryPoint.Invoke(null, BindingFlags.DoNotWrapExceptions, null, parameters, CultureInfo.InvariantCulture) as int? ?? 0;
        }
#pragma warning disable CA1031 // whatever the entry point throws belongs to the test that started it
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
        }

        _ended.SetResult(failure);
    }
}
