using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Validation;

internal sealed class ErrorPageValidator : INginxValidator
{
    public IEnumerable<string> Validate(NginxConfiguration configuration)
    {
        var seen = new HashSet<int>();
        foreach (var page in configuration.ErrorPages)
        {
            if (page.Codes.IsEmpty)
            {
                yield return $"WithErrorPage: {page.File} names no status code; say which, such as 502, 503, 504.";
            }

            foreach (var code in page.Codes)
            {
                if (code is < 400 or > 599 or 499)
                {
                    yield return $"WithErrorPage: {code} is no error a client can see; use codes from 400 to 599 except 499.";
                }
                else if (!seen.Add(code))
                {
                    yield return $"WithErrorPage: {code} has a page already; name each code once.";
                }
            }
        }
    }
}
