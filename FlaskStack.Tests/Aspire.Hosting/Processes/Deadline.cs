namespace FlaskStack.Tests.Hosting.Processes;

/// <summary>How long a test waits for what should happen at once.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Generous);

    public static Task InTime(this Task task) => task.WaitAsync(Generous);
}
