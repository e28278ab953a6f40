namespace FlaskStack.Tests.Graph;

[Collection(OwnGraphGroup.Name)]
public sealed class HangUpTests
{
    [Fact]
    public async Task A_hangup_reloads_everything_and_ends_nothing()
    {
        using var appHost = AppHostProcess.Start("--Nginx:Port=0", "--Api:Replicas=2");
        await appHost.WaitForOutputAsync("nginx listens on");

        await Signals.SendAsync("HUP", appHost.Id);
        await appHost.WaitForOutputAsync("'api' is reloaded: 2 replaced");

        await Signals.SendAsync("TERM", appHost.Id);
        Assert.Equal(0, await appHost.WaitForExitAsync());
    }
}
