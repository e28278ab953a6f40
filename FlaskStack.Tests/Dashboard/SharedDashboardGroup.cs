namespace FlaskStack.Tests.Dashboard;

/// <summary>The tests that use <see cref="SharedDashboard"/>, one after another: what one stops, the next needs running again.</summary>
[CollectionDefinition(Name)]
public sealed class SharedDashboardGroup : ICollectionFixture<SharedDashboard>
{
    public const string Name = "Dashboard";
}
