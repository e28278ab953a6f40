using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>A parameter that is used in a format, such as escaped for a URI: a resource of its own in a manifest.</summary>
/// <param name="Name">The name of that resource.</param>
/// <param name="Parameter">The parameter.</param>
/// <param name="Format">The format.</param>
internal sealed record FormattedParameter(string Name, ParameterResource Parameter, string Format);
