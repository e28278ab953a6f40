namespace FlaskStack.Tests.Dashboard;

/// <summary>A test that looks at a page in a real browser, and is skipped on a machine without one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() =>
        Skip = Chromium.Path is null ? "No Chromium on the PATH: install it (Debian: apt-get install chromium)." : null;
}
