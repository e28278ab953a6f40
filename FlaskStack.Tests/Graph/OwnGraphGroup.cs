namespace FlaskStack.Tests.Graph;

/// <summary>The tests that start a stack each, one after another: a stack is heavy.</summary>
[CollectionDefinition(Name)]
public sealed class OwnGraphGroup
{
    public const string Name = "Graph, own";
}
