using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Graph;
using static Microsoft.Playwright.Assertions;

namespace FlaskStack.Tests.Dashboard;

public sealed partial class ResourcesPageTests(SharedDashboard dashboard) : DashboardTests(dashboard)
{
    [BrowserFact]
    public async Task Shows_every_replica_running_and_nginx_with_its_address()
    {
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);

        await Expect(page.Row("nginx")).ToContainTextAsync("Running");
        await Expect(page.Row("nginx")).ToContainTextAsync(Dashboard.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        foreach (var replica in await Dashboard.Stack.GetReplicasAsync())
        {
            await Expect(page.Row(replica.ResourceId)).ToContainTextAsync("Running");
            await Expect(page.Row(replica.ResourceId)).Not.ToContainTextAsync("Unhealthy");
        }
    }

    [BrowserFact]
    public async Task Shows_environment_and_endpoints_of_a_replica()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);

        await page.ChooseAsync(page.Row(replica.ResourceId), "View details");

        var details = page.Page.Locator(".resource-details-layout, .details-container").First;
        await Expect(details).ToContainTextAsync("Api__TestEndpoints");
        await Expect(details).ToContainTextAsync(replica.Snapshot.Urls[0].Url);
        await Expect(details).ToContainTextAsync("Process ID");
    }

    [BrowserFact]
    public async Task Stops_a_replica_and_starts_it_again()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);
        var row = page.Row(replica.ResourceId);
        await page.ChooseAsync(row, "View details");

        await page.ChooseAsync(row, "Stop");
        await Expect(row).ToContainTextAsync(KnownResourceStates.Exited);
        await Expect(page.Detail("Exit code")).ToHaveTextAsync("0");

        await page.ChooseAsync(row, "Start");
        await Expect(row).ToContainTextAsync(KnownResourceStates.Running);
    }

    [BrowserFact]
    public async Task Nginx_serves_after_a_restart()
    {
        var before = await Dashboard.Stack.WaitForRowAsync("nginx", row => row.Snapshot.State?.Text == KnownResourceStates.Running);
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);

        await page.ChooseAsync(page.Row("nginx"), "Restart");

        await Dashboard.Stack.WaitForRowAsync("nginx", row => row.Snapshot.StartTimeStamp > before.Snapshot.StartTimeStamp
            && row.Snapshot.State?.Text == KnownResourceStates.Running
            && row.Snapshot.HealthStatus == Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy);
        Assert.Equal("Hello World!", await Dashboard.Client.GetStringAsync(new Uri("/", UriKind.Relative)));
        await Expect(page.Row("nginx")).ToContainTextAsync("Running");
    }

    [BrowserFact]
    public async Task Shows_and_runs_a_command_of_the_AppHost()
    {
        var before = Dashboard.Greetings;
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);

        await page.ChooseAsync(page.Row(replica.ResourceId), "Greet");

        await Expect(page.Page.GetByText(SucceededText())).ToBeVisibleAsync();
        Assert.Equal(before + 1, Dashboard.Greetings);
    }

    [BrowserFact]
    public async Task Shows_how_a_killed_replica_ended_and_its_new_start()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await DashboardPage.OpenAsync(Dashboard.Login);
        var row = page.Row(replica.ResourceId);
        await page.ChooseAsync(row, "View details");

        using (var process = System.Diagnostics.Process.GetProcessById(RunningGraph.GetProcessId(replica)))
        {
            process.Kill();
        }

        await Expect(page.Detail("Exit code")).ToHaveTextAsync("137");

        await page.ChooseAsync(row, "Start");
        await Expect(row).ToContainTextAsync(KnownResourceStates.Running);
    }

    [GeneratedRegex("Greet.*succeeded", RegexOptions.IgnoreCase)]
    private static partial Regex SucceededText();
}
