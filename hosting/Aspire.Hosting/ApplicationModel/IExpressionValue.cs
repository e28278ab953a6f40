namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that has a text while running and an expression when published.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider
{
}
