using FlaskStack.Bench.Processes;

namespace FlaskStack.Bench.Competitors;

/// <summary>What <c>dotnet run -c Release</c> starts, once it is built.</summary>
/// <param name="withDashboard">Whether the dashboard and all telemetry are on.</param>
internal sealed class OurStack(bool withDashboard) : IWholeStack
{
    private const string Api = "FlaskStack.Api";
    private const string TestApi = "FlaskStack.TestApi";

    private static readonly string[] ApiPrograms = [Api, TestApi[..ProcessRow.LongestProgram]];

    /// <inheritdoc/>
    public string Key => withDashboard ? "flaskstack-telemetry" : "flaskstack";

    /// <inheritdoc/>
    public string Title => withDashboard ? "FlaskStack, telemetry" : "FlaskStack";

    /// <inheritdoc/>
    public string ReloadTitle => "SIGHUP to the AppHost";

    /// <inheritdoc/>
    public IReadOnlySet<string> ServingPrograms { get; } = new HashSet<string>(["nginx", .. ApiPrograms]);

    /// <inheritdoc/>
    public string ProcessPath => "/testing/instance";

    /// <inheritdoc/>
    public string WaitPath(int milliseconds) => $"/testing/delay?ms={milliseconds}";

    /// <inheritdoc/>
    public IReadOnlySet<int> Workers() =>
        ProcessTree.Read().Where(row => ApiPrograms.Contains(row.Program)).Select(row => row.Id).ToHashSet();

    /// <inheritdoc/>
    public Task<RunningStack> StartAsync(Ground ground, CancellationToken cancellationToken)
    {
        var program = Path.Combine(ground.Repository, "FlaskStack.AppHost/bin/Release/net10.0/FlaskStack.AppHost");
        var environment = new Dictionary<string, string>
        {
            // What the launch profile sets, on ports of its own.
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
            ["ASPNETCORE_URLS"] = $"http://localhost:{FreePort.Next()}",
            ["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = $"http://localhost:{FreePort.Next()}",
            ["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = $"http://localhost:{FreePort.Next()}",
            ["XDG_RUNTIME_DIR"] = ground.Folder,
        };
        if (ground.WithTestPaths)
        {
            environment["Api__Executable"] = Path.Combine(ground.Repository, $"hosting/TestSupport/TestApi/bin/Release/net10.0/{TestApi}");
        }

        // A bench that is started with nohup must not make the stack deaf to its reload, too.
        var dashboard = withDashboard ? "true" : "false";
        string[] command = ["env", "--default-signal=HUP", program, $"--Nginx:Port={ground.Port}", $"--Dashboard:Enabled={dashboard}"];
        return CompetitorStart.RunAsync(ground, async stack =>
        {
            stack.Start(command, environment, ground.Repository);
            await stack.WaitUntilServingAsync(cancellationToken);
        });
    }

    /// <inheritdoc/>
    public Task WaitUntilCompleteAsync(RunningStack stack, CancellationToken cancellationToken) =>
        withDashboard
            ? stack.WaitUntilAsync(
                async token => (await File.ReadAllTextAsync(stack.LogFile, token))
                    .Contains("Login to the dashboard", StringComparison.Ordinal),
                "start the dashboard",
                cancellationToken)
            : Task.CompletedTask;

    /// <inheritdoc/>
    public Task ReloadAsync(RunningStack stack, CancellationToken cancellationToken)
    {
        stack.Supervisor.Signal(NativeMethods.HangUp);
        return Task.CompletedTask;
    }
}
