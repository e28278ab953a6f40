using Xunit.Abstractions;

namespace FlaskStack.Tests.Dashboard;

/// <summary>Tests that share one stack with its dashboard: each finds it whole, whatever the one before has ended.</summary>
[Collection(SharedDashboardGroup.Name)]
public abstract class DashboardTests(SharedDashboard dashboard, ITestOutputHelper output) : IAsyncLifetime
{
    protected SharedDashboard Dashboard { get; } = dashboard;

    public Task InitializeAsync() => Dashboard.WaitUntilServingAsync();

    /// <summary>Says beside a test that fails what the dashboard itself had to say.</summary>
    public Task DisposeAsync()
    {
        foreach (var problem in Dashboard.TakeProblems())
        {
            output.WriteLine(problem);
        }

        return Task.CompletedTask;
    }

    /// <summary>The dashboard in a browser of its own, logged in.</summary>
    private protected Task<DashboardPage> OpenAsync() => DashboardPage.OpenAsync(Dashboard.Login, output);
}
