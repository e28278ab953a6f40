using System.Diagnostics;
using System.Net;
using FlaskStack.Tests.Graph;

namespace FlaskStack.Tests.Dashboard;

public sealed class DashboardFaultTests(SharedDashboard dashboard) : DashboardTests(dashboard)
{
    [Fact]
    public async Task A_killed_dashboard_comes_back_where_it_was_and_no_request_is_lost()
    {
        var row = await Dashboard.Stack.WaitForRowAsync("aspire-dashboard", row => row.Snapshot.State?.Text == "Running");
        using var under = new CancellationTokenSource();
        var load = CountFailuresAsync(under.Token);

        using (var process = Process.GetProcessById(RunningGraph.GetProcessId(row)))
        {
            process.Kill();
        }

        await Dashboard.Stack.WaitForRowAsync("aspire-dashboard", later => later.Snapshot.StartTimeStamp > row.Snapshot.StartTimeStamp && later.Snapshot.State?.Text == "Running");
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var login = await browser.GetAsync(Dashboard.Login);
        await under.CancelAsync();

        Assert.Equal(HttpStatusCode.Redirect, login.StatusCode);
        Assert.Contains(login.Headers.GetValues("Set-Cookie"), cookie => cookie.Contains("Auth", StringComparison.Ordinal));
        Assert.Equal(0, await load);
    }

    private async Task<int> CountFailuresAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            using var response = await Dashboard.Client.GetAsync(new Uri("/", UriKind.Relative), CancellationToken.None);
            failures += response.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }

        return failures;
    }
}
