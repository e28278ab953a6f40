using System.Globalization;
using FlaskStack.Tests.Graph;
using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace FlaskStack.Tests.Dashboard;

public sealed class ConsoleLogPageTests(SharedDashboard dashboard, ITestOutputHelper output) : DashboardTests(dashboard, output)
{
    private const int LineBytes = 100;

    [BrowserFact]
    public async Task Follows_a_flood_of_lines_in_their_order()
    {
        const int lines = 20_000;
        var replica = (await Dashboard.Stack.GetReplicasAsync())[0];
        await using var page = await OpenAsync();
        await page.GoToAsync($"/consolelogs/resource/{replica.Resource.Name}");
        await Expect(page.Page.Locator(".log-line-row").First).ToBeVisibleAsync();

        await FloodAsync(replica.Snapshot.Urls[0].Url, lines, toError: false);

        await FollowToAsync(page.Page, string.Create(CultureInfo.InvariantCulture, $"{lines}xxx"));
        var shown = (await page.Page.Locator(".log-line-row .log-content").AllInnerTextsAsync())
            .Select(text => text.Trim().TrimEnd('x'))
            .Where(text => int.TryParse(text, CultureInfo.InvariantCulture, out _))
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture))
            .ToArray();
        Assert.NotEmpty(shown);
        Assert.Equal(Enumerable.Range(shown[0], shown.Length), shown);
    }

    [BrowserFact]
    public async Task Marks_lines_of_standard_error()
    {
        var replica = (await Dashboard.Stack.GetReplicasAsync())[1];
        await using var page = await OpenAsync();
        await page.GoToAsync($"/consolelogs/resource/{replica.Resource.Name}");

        await FloodAsync(replica.Snapshot.Urls[0].Url, lines: 1, toError: true);

        var line = page.Page.Locator(".log-line-row").Filter(new() { HasText = "1xxx" });
        await Expect(line.Locator("[title='stderr'], .log-badge, fluent-badge").First).ToBeVisibleAsync();
    }

    /// <summary>
    /// Goes to the end where a page that lines arrive on faster than it draws them has ceased to follow them. It may cease again at any
    /// time, so there is no one event to wait for.
    /// </summary>
    private static async Task FollowToAsync(IPage page, string end)
    {
        var (line, toBottom) = (page.GetByText(end), page.GetByRole(AriaRole.Button, new() { Name = "Scroll to bottom" }));
        using var deadline = new CancellationTokenSource(RunningGraph.Deadline);
        while (!await line.IsVisibleAsync())
        {
            if (await toBottom.IsVisibleAsync())
            {
                // It goes away by itself when the page follows again.
                await toBottom.EvaluateAsync("button => button.click()");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), deadline.Token);
        }
    }

    private async Task FloodAsync(string replica, int lines, bool toError)
    {
        var bytes = lines * LineBytes;
        var query = string.Create(
            CultureInfo.InvariantCulture,
            $"/testing/log?bytes={bytes}&lineBytes={LineBytes}&stderr={(toError ? "true" : "false")}");
        using var response = await Dashboard.Client.GetAsync(new Uri(new Uri(replica), query));
        response.EnsureSuccessStatusCode();
    }
}
