namespace FlaskStack.Bench.Competitors;

/// <summary>Starts a stack so that a start that fails leaves nothing behind.</summary>
internal static class CompetitorStart
{
    /// <summary>Runs the steps of a start.</summary>
    /// <param name="ground">Where it is started.</param>
    /// <param name="start">The steps.</param>
    public static async Task<RunningStack> RunAsync(Ground ground, Func<RunningStack, Task> start)
    {
        var stack = new RunningStack(ground);
        try
        {
            await start(stack);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }
}
