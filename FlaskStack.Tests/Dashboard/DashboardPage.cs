using Microsoft.Playwright;

namespace FlaskStack.Tests.Dashboard;

/// <summary>The dashboard in a browser of its own, logged in.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    /// <summary>Long enough for a busy machine; a page that shows something else never comes round.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly Uri _login;

    private DashboardPage(IPlaywright playwright, IBrowser browser, IPage page, Uri login)
    {
        _playwright = playwright;
        _browser = browser;
        _login = login;
        Page = page;
    }

    public IPage Page { get; }

    public static async Task<DashboardPage> OpenAsync(Uri login)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1600, Height = 1000 } });
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        await page.GotoAsync(login.ToString());
        return new(playwright, browser, page, login);
    }

    public Task GoToAsync(string path) => Page.GotoAsync(new Uri(_login, path).ToString());

    /// <summary>The row of a resource: by the name that it shows.</summary>
    public ILocator Row(string name) => RowWith(Page.Locator(".resource-name-text").GetByText(name, new() { Exact = true }));

    /// <summary>The value of a line in the details of a resource.</summary>
    public ILocator Detail(string name) => RowWith(Page.GetByText(name, new() { Exact = true })).GetByRole(AriaRole.Gridcell).Nth(1);

    /// <summary>Presses the button of a command in a row.</summary>
    public static Task PressAsync(ILocator row, string title) => row.GetByTitle(title).ClickAsync();

    /// <summary>Chooses from the menu of a row.</summary>
    public async Task ChooseAsync(ILocator row, string item)
    {
        await row.GetByTitle("Actions").ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem, new() { Name = item, Exact = true }).ClickAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private ILocator RowWith(ILocator content) => Page.GetByRole(AriaRole.Row).Filter(new() { Has = content });
}
