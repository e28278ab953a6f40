namespace FlaskStack.Tests.Graph;

/// <summary>The tests that use <see cref="SharedGraph"/>.</summary>
[CollectionDefinition(Name)]
public sealed class SharedGraphGroup : ICollectionFixture<SharedGraph>
{
    public const string Name = "Graph, shared";
}
