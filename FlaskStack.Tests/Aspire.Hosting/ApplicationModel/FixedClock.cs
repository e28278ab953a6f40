namespace FlaskStack.Tests.Hosting.ApplicationModel;

internal sealed class FixedClock(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
