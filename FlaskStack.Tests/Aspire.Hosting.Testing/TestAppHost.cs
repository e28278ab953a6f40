namespace FlaskStack.Tests.HostingTesting;

/// <summary>The entry point of this assembly: an AppHost that does what the test that starts it wants.</summary>
internal static class TestAppHost
{
    private static readonly AsyncLocal<Func<string[], int>?> Body = new();

    /// <summary>Sets what the entry point does when the calling test starts it.</summary>
    public static void Does(Func<string[], int> body) => Body.Value = body;

    public static void Does(Action<string[]> body) => Does(args =>
    {
        body(args);
        return 0;
    });

    private static int Main(string[] args) =>
        Body.Value?.Invoke(args) ?? throw new InvalidOperationException("The test has not said what its AppHost does.");
}
