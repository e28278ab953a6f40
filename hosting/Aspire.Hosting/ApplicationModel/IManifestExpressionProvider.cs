namespace Aspire.Hosting.ApplicationModel;

/// <summary>Something that a published manifest writes as an expression, such as <c>{api.bindings.http.url}</c>.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>Gets the expression.</summary>
    string ValueExpression { get; }
}
