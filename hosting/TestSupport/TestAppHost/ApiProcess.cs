using System.Diagnostics;

namespace TestSupport;

/// <summary>The api as it was built, in a process of its own.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";

    /// <summary>Only a hang takes this long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ApiProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it and waits until it listens.</summary>
    /// <param name="url">Where it is to listen; port 0 is any.</param>
    public static Task<ApiProcess> StartAsync(string url = AnyPort) => StartAsync(new Projects.FlaskStack_Api(), url);

    /// <summary>The same with the routes under <c>/testing</c>.</summary>
    public static Task<ApiProcess> StartWithTestingAsync() => StartAsync(new Projects.FlaskStack_TestApi(), AnyPort);

    /// <summary>Kills it, and waits for its end.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Deadline);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static async Task<ApiProcess> StartAsync(IProjectMetadata project, string url)
    {
        var executable = TestApplication.ExecutableOf(project);
        var process = Process.Start(new ProcessStartInfo(executable, [$"--urls={url}"])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(executable),
            Environment = { ["HTTP_PORTS"] = string.Empty },
        })!;
        return new(process, await AddressAsync(process));
    }

    private static async Task<Uri> AddressAsync(Process process)
    {
        const string marker = "Now listening on: ";
        using var deadline = new CancellationTokenSource(Deadline);
        while (await process.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.IndexOf(marker, StringComparison.Ordinal) is >= 0 and var position)
            {
                return new Uri(line[(position + marker.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("The api ended before it listened.");
    }
}
