using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

/// <summary>Checks one concern of a configuration.</summary>
internal interface INginxValidator
{
    /// <summary>Every error there is, each naming the option and the mend.</summary>
    IEnumerable<string> Validate(NginxConfiguration configuration);
}
