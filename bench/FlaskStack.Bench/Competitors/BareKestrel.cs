namespace FlaskStack.Bench.Competitors;

/// <summary>Kestrel that says hello and does nothing else.</summary>
internal static class BareKestrel
{
    /// <summary>Its name as the kernel has it, which cuts names to 15 characters.</summary>
    public const string Program = "FlaskStack.Benc";

    /// <summary>Starts one on a port.</summary>
    public static void StartOnPort(RunningStack stack, int port) => Start(stack, [$"--urls=http://127.0.0.1:{port}"]);

    /// <summary>Starts one on a Unix socket.</summary>
    public static void StartOnSocket(RunningStack stack, string socket) =>
        Start(stack, [$"--urls=http://unix:{socket}", $"--Socket={socket}"]);

    private static void Start(RunningStack stack, string[] arguments)
    {
        var program = Path.Combine(stack.Ground.Repository, "bench/FlaskStack.Bench.Hello/bin/Release/net10.0/FlaskStack.Bench.Hello");
        stack.Start([.. BatchWork.Prefix, program, .. arguments]);
    }
}
