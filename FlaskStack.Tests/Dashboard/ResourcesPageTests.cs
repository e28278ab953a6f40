using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using FlaskStack.Tests.Graph;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace FlaskStack.Tests.Dashboard;

public sealed class ResourcesPageTests(SharedDashboard dashboard, ITestOutputHelper output) : DashboardTests(dashboard, output)
{
    [BrowserFact]
    public async Task Shows_every_replica_below_its_group_and_nginx_with_its_address()
    {
        await using var page = await OpenAsync();

        await Expect(page.Row("nginx")).ToContainTextAsync("Running");
        await Expect(page.Row("nginx")).ToContainTextAsync(Dashboard.Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await Expect(page.Row("api")).ToContainTextAsync("Running");
        foreach (var replica in await Dashboard.Stack.GetReplicasAsync())
        {
            var row = page.Row(replica.Resource.Name);
            await Expect(row).ToContainTextAsync("Running");
            await Expect(row).Not.ToContainTextAsync("Unhealthy");
            await Expect(row).ToContainTextAsync(replica.Snapshot.Urls[0].Url);
        }

        await page.Row("api").GetByLabel("Toggle nesting").ClickAsync();
        await Expect(page.Row("api-1")).ToBeHiddenAsync();
        await Expect(page.Row("nginx")).ToBeVisibleAsync();
    }

    [BrowserFact]
    public async Task Shows_how_many_replicas_of_a_group_serve()
    {
        await using var page = await OpenAsync();

        await page.ChooseAsync(page.Row("api"), "View details");

        await Expect(page.Detail("Replicas"))
            .ToHaveTextAsync(string.Create(CultureInfo.InvariantCulture, $"{RunningGraph.Replicas} of {RunningGraph.Replicas}"));
    }

    [BrowserFact]
    public async Task Shows_environment_and_endpoints_of_a_replica()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await OpenAsync();

        await page.ChooseAsync(page.Row(replica.Resource.Name), "View details");

        var details = page.Page.Locator(".resource-details-layout, .details-container").First;
        await Expect(details).ToContainTextAsync("Api__MaxBodyBytes");
        await Expect(details).ToContainTextAsync(replica.Snapshot.Urls[0].Url);
        await Expect(details).ToContainTextAsync("Process ID");
    }

    [BrowserFact]
    public async Task Stops_a_replica_by_its_button_and_starts_it_again()
    {
        await using var page = await OpenAsync();
        var row = page.Row("api-1");

        await row.GetByTitle("Stop resource").ClickAsync();
        await Expect(row).ToContainTextAsync(KnownResourceStates.Finished);
        Assert.Equal("Hello World!", await Dashboard.Client.GetStringAsync(new Uri("/", UriKind.Relative)));

        await row.GetByTitle("Start resource").ClickAsync();
        await Expect(row).ToContainTextAsync(KnownResourceStates.Running);
    }

    [BrowserFact]
    public async Task Reload_of_the_group_replaces_every_replica()
    {
        var before = await Dashboard.Stack.GetReplicasAsync();
        await using var page = await OpenAsync();

        await page.ChooseAsync(page.Row("api"), "Commands", "Reload");

        await Task.WhenAll(before.Select(Dashboard.Stack.WaitForSuccessorAsync));
        await Dashboard.Stack.WaitForAllReplicasAsync();
        await Expect(page.Row("api")).ToContainTextAsync(KnownResourceStates.Running);
    }

    [BrowserFact]
    public async Task Nginx_serves_after_a_restart()
    {
        var before = await Dashboard.Stack.WaitForRowAsync("nginx", row => row.Snapshot.State?.Text == KnownResourceStates.Running);
        await using var page = await OpenAsync();

        await page.ChooseAsync(page.Row("nginx"), "Commands", "Restart");

        await Dashboard.Stack.WaitForRowAsync("nginx", row => row.Snapshot.StartTimeStamp > before.Snapshot.StartTimeStamp
            && row.Snapshot.State?.Text == KnownResourceStates.Running
            && row.Snapshot.HealthStatus == HealthStatus.Healthy);
        Assert.Equal("Hello World!", await Dashboard.Client.GetStringAsync(new Uri("/", UriKind.Relative)));
        await Expect(page.Row("nginx")).ToContainTextAsync("Running");
    }

    [BrowserFact]
    public async Task Shows_that_a_killed_replica_was_restarted()
    {
        var victim = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await OpenAsync();
        await page.ChooseAsync(page.Row(victim.Resource.Name), "View details");

        using (var process = Process.GetProcessById(RunningGraph.GetProcessId(victim)))
        {
            process.Kill();
        }

        await Expect(page.Detail("Restarts")).ToHaveTextAsync((Restarts(victim) + 1).ToString(CultureInfo.InvariantCulture));
        await Expect(page.Detail("Last restart")).ToContainTextAsync("SIGKILL");
    }

    [BrowserFact]
    public async Task Notifies_of_a_process_that_is_given_up_and_starts_it_by_a_button()
    {
        await using var page = await OpenAsync();
        var notice = page.Page.GetByText("failing is given up");

        await Dashboard.Stack.ExecuteAsync("failing", KnownResourceCommands.StartCommand);
        await Expect(notice).ToBeVisibleAsync();
        await Dashboard.FixAsync();
        await page.Page.GetByText("Start", new() { Exact = true }).ClickAsync();

        await Expect(notice).ToBeHiddenAsync();
        await Expect(page.Row("failing")).ToContainTextAsync(KnownResourceStates.Running);
    }

    private static int Restarts(ResourceEvent row) => Convert.ToInt32(
        row.Snapshot.Properties.FirstOrDefault(static property => property.Name == "supervisor.restarts")?.Value,
        CultureInfo.InvariantCulture);
}
