using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Adds connection strings that are put together from parts of the model.</summary>
public static class ConnectionStringBuilderExtensions
{
    /// <summary>Adds a connection string. It waits until what it is made of has started.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="connectionStringExpression">What the connection string is made of.</param>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(this IDistributedApplicationBuilder builder, [ResourceName] string name, ReferenceExpression connectionStringExpression)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);

        var connection = builder.AddResource(new ConnectionStringResource(name, connectionStringExpression))
            .WithReferenceRelationship(connectionStringExpression)
            .WithInitialState(new CustomResourceSnapshot
            {
                ResourceType = "ConnectionString",
                State = KnownResourceStates.NotStarted,
                Properties = [],
            });

        foreach (var part in ValueReferences.ResourcesIn(connectionStringExpression).Where(static part => part is not (IResourceWithoutLifetime or ParameterResource)))
        {
            connection.WaitForStart(builder.CreateResourceBuilder(part));
        }

        return connection;
    }

    /// <summary>Adds a connection string. It waits until what it is made of has started.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="connectionStringBuilder">Puts the connection string together.</param>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(this IDistributedApplicationBuilder builder, [ResourceName] string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        ArgumentNullException.ThrowIfNull(connectionStringBuilder);

        var expression = new ReferenceExpressionBuilder();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }
}
