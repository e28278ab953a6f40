using Microsoft.Playwright;
using Xunit.Abstractions;

namespace FlaskStack.Tests.Dashboard;

/// <summary>The dashboard in a browser of its own, logged in.</summary>
internal sealed class DashboardPage : IAsyncDisposable
{
    /// <summary>Long enough for a busy machine; a page that shows something else never comes round.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long the page may take to open or close a menu.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How often a page that says that it broke is loaded again, as it offers. The dashboard of Aspire 13.6 breaks now and then when what
    /// it draws changes meanwhile.
    /// </summary>
    private const int Reloads = 3;

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

    /// <summary>Opens the dashboard, and notes what the browser has to say of it.</summary>
    public static async Task<DashboardPage> OpenAsync(Uri login, ITestOutputHelper output)
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium.Path,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = 1600, Height = 1000 } });
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        Assertions.SetDefaultExpectTimeout((float)Patience.TotalMilliseconds);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                output.WriteLine($"Error of the page: {message.Text}");
            }
        };
        await page.AddLocatorHandlerAsync(page.Locator("#blazor-error-ui"), Reload, new() { Times = Reloads });
        await page.GotoAsync(login.ToString());
        return new(playwright, browser, page, login);

        Task Reload(ILocator message)
        {
            output.WriteLine("The page broke, and is loaded again.");
            return page.ReloadAsync();
        }
    }

    public Task GoToAsync(string path) => Page.GotoAsync(new Uri(_login, path).ToString());

    /// <summary>The row of a resource: by the name that it shows.</summary>
    public ILocator Row(string name) => RowWith(Page.Locator(".resource-name-text").GetByText(name, new() { Exact = true }));

    /// <summary>The value of a line in the details of a resource.</summary>
    public ILocator Detail(string name) => RowWith(Page.GetByText(name, new() { Exact = true })).GetByRole(AriaRole.Gridcell).Nth(1);

    /// <summary>
    /// Chooses from the menu of a row (and of its submenu), and does what the page itself then offers, which is to load it again, when the
    /// choice broke it:
    /// Blazor does not survive a click on something that it has just drawn anew, as it does with a row that changes, or does not notice it.
    /// </summary>
    public async Task ChooseAsync(ILocator row, params string[] items)
    {
        if (!await TryChooseAsync(row, items))
        {
            await Page.ReloadAsync();
            Assert.True(await TryChooseAsync(row, items), $"The page broke twice when '{items[^1]}' was chosen.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task<bool> TryChooseAsync(ILocator row, string[] items)
    {
        await row.GetByTitle("Actions").ClickAsync();
        if (!await WaitForMenuAsync(isOpen: true))
        {
            return false;
        }

        foreach (var parent in items[..^1])
        {
            await MenuItem(parent).HoverAsync();
        }

        await MenuItem(items[^1]).ClickAsync();
        return await WaitForMenuAsync(isOpen: false);
    }

    /// <summary>Waits until a menu is open, or none; false when the page says that it broke, or has not noticed the click.</summary>
    private async Task<bool> WaitForMenuAsync(bool isOpen)
    {
        const string isSettled = """
            isOpen => {
                const isShown = element => element !== null && element.checkVisibility();
                const isBroken = isShown(document.querySelector('#blazor-error-ui'));
                return isBroken || [...document.querySelectorAll('[role=menuitem]')].some(isShown) === isOpen ? { isBroken } : null;
            }
            """;
        try
        {
            var settled = await Page.WaitForFunctionAsync(isSettled, isOpen, new() { Timeout = (float)Notice.TotalMilliseconds });
            return !await settled.EvaluateAsync<bool>("settled => settled.isBroken");
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private ILocator MenuItem(string name) =>
        Page.GetByRole(AriaRole.Menuitem, new() { Name = name, Exact = true }).Filter(new() { Visible = true });

    private ILocator RowWith(ILocator content) => Page.GetByRole(AriaRole.Row).Filter(new() { Has = content });
}
