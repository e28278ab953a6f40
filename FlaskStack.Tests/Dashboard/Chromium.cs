namespace FlaskStack.Tests.Dashboard;

/// <summary>The browser of this machine, if it has one.</summary>
internal static class Chromium
{
    /// <summary>The full path of its program; null when there is none on the <c>PATH</c>.</summary>
    public static string? Path { get; } =
        ExecutablePath.Find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
}
