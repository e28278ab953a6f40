namespace FlaskStack.Tests.Dashboard;

/// <summary>Tests that share one stack with its dashboard: each finds it whole, whatever the one before has ended.</summary>
[Collection(SharedDashboardGroup.Name)]
public abstract class DashboardTests(SharedDashboard dashboard) : IAsyncLifetime
{
    protected SharedDashboard Dashboard { get; } = dashboard;

    public Task InitializeAsync() => Dashboard.WaitUntilServingAsync();

    public Task DisposeAsync() => Task.CompletedTask;
}
