using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Graph;
using FlaskStack.Tests.Hosting.Processes;

namespace FlaskStack.Tests.Hosting.Dashboard;

[SupportedOSPlatform("linux")]
public sealed class RealDashboardTests
{
    private static readonly string[] SocketTables = ["/proc/net/tcp", "/proc/net/tcp6"];

    // 127.0.0.1 and ::1 as the kernel writes them.
    private static readonly string[] LoopbackAddresses = ["0100007F", "00000000000000000000000001000000"];

    [Fact]
    public async Task Opens_with_the_login_address_and_with_no_other_token()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();

        using var welcome = await GetAsync(dashboard, dashboard.Status.LoginUrl!);
        using var refused = await GetAsync(dashboard, $"{dashboard.Status.BaseUrl}/login?t=wrong");
        using var unknown = await GetAsync(dashboard, dashboard.Status.BaseUrl!);

        Assert.Contains(welcome.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("Auth", StringComparison.Ordinal));
        Assert.False(refused.Headers.Contains("Set-Cookie") && refused.Headers.GetValues("Set-Cookie").Any(cookie => cookie.Contains("Auth", StringComparison.Ordinal)));
        Assert.Contains("/login", unknown.Headers.Location?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Says_once_where_it_is_and_how_to_log_in()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();
        var token = dashboard["AppHost:BrowserToken"];

        var lines = dashboard.Log.Lines;

        var listening = Assert.Single(lines, line => line.Text.StartsWith("Now listening on: ", StringComparison.Ordinal));
        var login = Assert.Single(lines, line => line.Text.Contains(token, StringComparison.Ordinal));
        Assert.Equal($"Now listening on: {dashboard.Status.BaseUrl}", listening.Text);
        Assert.Equal($"Login to the dashboard at {dashboard.Status.BaseUrl}/login?t={token}", login.Text);
        Assert.All([listening, login], line => Assert.Equal("Aspire.Hosting.DistributedApplication", line.Category));
        string[] keys = [dashboard["AppHost:OtlpApiKey"], dashboard["AppHost:DashboardApiKey"], dashboard["AppHost:ResourceService:ApiKey"]];
        Assert.All(keys, key => Assert.DoesNotContain(lines, line => line.Text.Contains(key, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Takes_telemetry_and_questions_only_with_their_keys()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await SendTelemetryAsync(dashboard, key: null));
        Assert.Equal(HttpStatusCode.Unauthorized, await SendTelemetryAsync(dashboard, dashboard["AppHost:BrowserToken"]));
        Assert.Equal(HttpStatusCode.OK, await SendTelemetryAsync(dashboard, dashboard["AppHost:OtlpApiKey"]));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(dashboard, key: null));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(dashboard, dashboard.Status.ApiKey));
    }

    [Fact]
    public async Task Gets_no_key_by_its_command_line_and_no_secret_of_the_user()
    {
        Environment.SetEnvironmentVariable("DASHBOARD_TEST_SECRET", "of-the-user");
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();
        var processId = dashboard.ProcessId;

        var commandLine = await File.ReadAllTextAsync($"/proc/{processId}/cmdline");
        var environment = (await File.ReadAllTextAsync($"/proc/{processId}/environ")).Split('\0');

        Assert.EndsWith("aspire-managed\0dashboard\0", commandLine, StringComparison.Ordinal);
        Assert.Contains($"DASHBOARD__OTLP__PRIMARYAPIKEY={dashboard["AppHost:OtlpApiKey"]}", environment);
        Assert.DoesNotContain(environment, variable => variable.StartsWith("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", StringComparison.Ordinal));
        Assert.DoesNotContain(environment, variable => variable.StartsWith("DASHBOARD_TEST_SECRET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Listens_on_loopback_alone()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();
        string[] ports = [dashboard.Status.BaseUrl!, dashboard["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"], dashboard["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]];
        var suffixes = ports.Select(url => $":{new Uri(url).Port:X4}").ToHashSet();

        var addresses = SocketTables
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == "0A" && suffixes.Any(suffix => fields[1].EndsWith(suffix, StringComparison.Ordinal)))
            .Select(fields => fields[1].Split(':')[0])
            .ToArray();

        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.Contains(address, LoopbackAddresses));
    }

    [Fact]
    public async Task Comes_back_on_the_same_port_with_the_same_token_when_it_is_killed()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();
        var killed = dashboard.ProcessId;

        using (var process = Process.GetProcessById(killed))
        {
            process.Kill();
        }

        await dashboard.Log.WaitForAsync("The dashboard is back").WaitAsync(RunningDashboard.Deadline);

        Assert.NotEqual(killed, dashboard.ProcessId);
        using var welcome = await GetAsync(dashboard, dashboard.Status.LoginUrl!);
        Assert.Contains(welcome.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("Auth", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await SendTelemetryAsync(dashboard, dashboard["AppHost:OtlpApiKey"]));
        Assert.Single(dashboard.Log.Lines, line => line.Text.Contains("SIGKILL", StringComparison.Ordinal));
        Assert.Single(dashboard.Log.Lines, line => line.Text.StartsWith("Login to the dashboard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_in_use_is_one_error_and_everything_else_runs()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)squatter.LocalEndpoint).Port}";

        await using var dashboard = await RunningDashboard.StartAsync($"--ASPNETCORE_URLS={url}", "--DcpPublisher:RandomizePorts=false");
        var error = await dashboard.Log.WaitForAsync("cannot listen").WaitAsync(RunningDashboard.Deadline);

        Assert.Contains(url, error.Text, StringComparison.Ordinal);
        Assert.Contains($"(pid {Environment.ProcessId})", error.Text, StringComparison.Ordinal);
        Assert.False(dashboard.Status.IsHealthy);
        await dashboard.Rows.WaitForResourceAsync("worker", KnownResourceStates.Running).WaitAsync(RunningDashboard.Deadline);

        squatter.Stop();
        await dashboard.Log.WaitForAsync($"Now listening on: {url}").WaitAsync(RunningDashboard.Deadline);
        Assert.Single(dashboard.Log.Lines, line => line.Text.Contains("cannot listen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_wrong_path_is_one_error_and_everything_else_runs()
    {
        await using var dashboard = await RunningDashboard.StartAsync("--Dashboard:Path=/nowhere/aspire-managed");

        Assert.False(await dashboard.Status.WaitForFirstOutcomeAsync(CancellationToken.None).WaitAsync(RunningDashboard.Deadline));
        var error = await dashboard.Log.WaitForAsync("Dashboard:Path").WaitAsync(RunningDashboard.Deadline);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Error, error.Level);
        await dashboard.Rows.WaitForResourceAsync("worker", KnownResourceStates.Running).WaitAsync(RunningDashboard.Deadline);
    }

    [Fact]
    public async Task A_dashboard_that_refuses_its_configuration_is_given_up_with_its_reason()
    {
        using var folder = new TemporaryFolder();
        var file = folder.WriteFile("dashboard.json", """{ "Dashboard": { "Frontend": { "MaxConsoleLogCount": -1 } } }""");
        await using var dashboard = await RunningDashboard.StartAsync($"--ASPIRE_DASHBOARD_CONFIG_FILE_PATH={file}");

        Assert.False(await dashboard.Status.WaitForFirstOutcomeAsync(CancellationToken.None).WaitAsync(RunningDashboard.Deadline));
        var error = await dashboard.Log.WaitForAsync("There is no dashboard in this run").WaitAsync(RunningDashboard.Deadline);
        Assert.Contains("MaxConsoleLogCount must be greater than zero", error.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Has_a_hidden_row_without_commands()
    {
        await using var dashboard = await RunningDashboard.StartAndWaitAsync();

        var row = await dashboard.WaitForRowAsync(snapshot => snapshot.State?.Text == KnownResourceStates.Running);

        Assert.True(row.Snapshot.IsHidden);
        Assert.Empty(row.Snapshot.Commands);
        Assert.Empty(row.Snapshot.EnvironmentVariables);
    }

    [Fact]
    public async Task Ends_with_the_application()
    {
        var dashboard = await RunningDashboard.StartAndWaitAsync();
        var processId = dashboard.ProcessId;

        await dashboard.DisposeAsync();

        Assert.False(ProcessTable.Read(processId) is { IsAlive: true });
        Assert.DoesNotContain(dashboard.Log.Lines, line => line.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task Ends_when_the_AppHost_is_killed()
    {
        using var appHost = AppHostProcess.Start("--Dashboard:Enabled=true", "--DcpPublisher:RandomizePorts=true", "--Nginx:Port=0", "--Api:Replicas=1");
        await appHost.WaitForOutputAsync("Login to the dashboard at");
        var dashboard = Assert.Single(ProcessTree.GetDescendants(appHost.Id), process => process.ProcessName.StartsWith("aspire-managed", StringComparison.Ordinal));

        using (var process = Process.GetProcessById(appHost.Id))
        {
            process.Kill();
        }

        await dashboard.WaitForExitAsync().WaitAsync(RunningDashboard.Deadline);
        dashboard.Dispose();
    }

    private static Task<HttpResponseMessage> GetAsync(RunningDashboard dashboard, string url) => dashboard.Client.GetAsync(new Uri(url)).WaitAsync(RunningDashboard.Deadline);

    private static async Task<HttpStatusCode> SendTelemetryAsync(RunningDashboard dashboard, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{dashboard["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]}/v1/traces");
        request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
        return await SendAsync(dashboard, request, "x-otlp-api-key", key);
    }

    private static async Task<HttpStatusCode> AskAsync(RunningDashboard dashboard, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{dashboard.Status.ApiUrl}/api/telemetry/resources");
        return await SendAsync(dashboard, request, "x-api-key", key);
    }

    private static async Task<HttpStatusCode> SendAsync(RunningDashboard dashboard, HttpRequestMessage request, string header, string? key)
    {
        if (key is not null)
        {
            request.Headers.Add(header, key);
        }

        using var response = await dashboard.Client.SendAsync(request).WaitAsync(RunningDashboard.Deadline);
        return response.StatusCode;
    }
}
